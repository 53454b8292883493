cat > rules.txt <<'EOF'
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m state --state ESTABLISHED -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m multiport --dports 22,443,8080 -j ACCEPT
-A INPUT -s 192.0.2.0/24 -p udp --dport 161 -j ACCEPT
COMMIT
EOF
cat > sockets.txt <<'EOF'
<?xml version="1.0" encoding="UTF-8"?>
<nmaprun scanner="nmap">
<host><status state="up"/><address addr="192.0.2.10" addrtype="ipv4"/><ports>
<port protocol="tcp" portid="22"><state state="open"/></port>
</ports></host>
<host><status state="up"/><address addr="192.0.2.11" addrtype="ipv4"/><ports>
<port protocol="tcp" portid="443"><state state="open"/></port>
</ports></host>
</nmaprun>
EOF
