"""From sources to artifact: the template, the policies, the lock and the zip."""
