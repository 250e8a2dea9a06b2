"""The site: pages rendered by the server from the public world."""
