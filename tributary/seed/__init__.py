"""Demo data: tenants, a catalogue and customers with histories, made by the same commands the API gives."""
