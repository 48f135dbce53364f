"""What an operator sees of the router: metrics, structured logs, request and trace ids."""
