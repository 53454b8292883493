mkdir -p host/etc/ssh
printf 'PermitRootLogin no\nPermitRootLogn yes\n' > host/etc/ssh/sshd_config
echo 'ID=debian' > host/etc/os-release
