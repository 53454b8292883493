mkdir -p host/etc/ssh
echo 'PermitRootLogin no' > outside
ln -s ../../../outside host/etc/ssh/sshd_config
echo 'ID=debian' > host/etc/os-release
