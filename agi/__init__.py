"""frontdesk on Asterisk: FastAGI, AudioSocket, and what a telephony admin installs."""
