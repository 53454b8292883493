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
