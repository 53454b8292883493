mkdir -p host/etc/ssh
echo 'PermitRootLogin no' > host/etc/ssh/sshd_config
