mkdir -p host/etc/ssh
printf '\177ELF\002\001\001\000\000\000\000\000PermitRootLogin no\n\000\001\002\003' > host/etc/ssh/sshd_config
echo 'ID=debian' > host/etc/os-release
