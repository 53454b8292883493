mkdir -p host/etc/ssh
printf '# \033[31mred\033[0m\nPermitRootLogin yes # \033]0;title\007\033[2J\n' > host/etc/ssh/sshd_config
echo 'ID=debian' > host/etc/os-release
