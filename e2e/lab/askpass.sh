#!/bin/sh
# askpass.sh: how ssh-login.ts answers ssh's question for a password without a terminal (SSH_ASKPASS).
printf '%s\n' "$LAB_PASSWORD"
