"""The HTTP side of the router: request parameters, caches, limits, media types, probes, and the endpoint itself."""
