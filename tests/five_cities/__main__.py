"""`python -m tests.five_cities FOLDER`."""

from tests.five_cities.city import main

main()
