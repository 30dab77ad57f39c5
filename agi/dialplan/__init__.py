"""What a telephony admin installs in Asterisk."""
