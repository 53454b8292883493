mkdir -p host/etc/ssh
printf '# caf\351 \377\nPermitRootLogin no\n' > host/etc/ssh/sshd_config
echo 'ID=debian' > host/etc/os-release
