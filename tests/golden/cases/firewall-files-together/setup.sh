printf '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m set --match-set admins src -m tcp --dport 22 -j ACCEPT\nCOMMIT\n' > rules
printf 'create admins hash:net family inet hashsize 1024 maxelem 65536\nadd admins 192.0.2.0/24\nadd admins 198.51.100.7\n' > sets
