"""Policy as data: catalog, publicity terms, schemes and calendar, versioned by effective date."""
