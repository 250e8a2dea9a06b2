"""How the platform is packaged, deployed and run on one machine."""
