"""The made-up city under each of the five packs, in the browser. A process of their own: each city
has an AWS in process of its own, as the site of tests/browser has."""
