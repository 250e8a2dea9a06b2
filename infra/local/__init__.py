"""The whole platform on one machine: emulator, deployment, demo issuer, front door."""
