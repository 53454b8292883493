cat > sockets.txt <<'EOF'
Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process
udp   UNCONN 0      0            0.0.0.0:161       0.0.0.0:*     users:(("snmpd",pid=612,fd=6))
tcp   LISTEN 0      128          0.0.0.0:22        0.0.0.0:*     users:(("sshd",pid=701,fd=3))
tcp   LISTEN 0      511          0.0.0.0:443       0.0.0.0:*     users:(("nginx",pid=810,fd=6))
tcp   LISTEN 0      80         127.0.0.1:3306      0.0.0.0:*     users:(("mariadbd",pid=905,fd=20))
tcp   LISTEN 0      4096         0.0.0.0:9100      0.0.0.0:*     users:(("node_exporter",pid=990,fd=3))
EOF
