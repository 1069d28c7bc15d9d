#!/bin/sh
# Chromium in the network of the lab whose first process is GATEHOUSE_LAB_PID: there "localhost" is the product's.
exec nsenter --target "$GATEHOUSE_LAB_PID" --net -- /usr/bin/chromium "$@"
