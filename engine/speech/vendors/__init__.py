"""One file per speech engine; heavy ones are extras."""
