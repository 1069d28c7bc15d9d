/** Typed on the server's own console, it prints the fingerprints to compare. */
export const showHostKeys = 'for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf "$key"; done';
