"""The web pages: operators see, try and change their line in a browser."""
