#include "firewall/services.h"

#include "base/num.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* -- protocols -- */

static const struct proto {
	const char *name;
	unsigned char number;
} protos[] = {
        /* the first name of a number is the one that is printed */
        {"tcp", 6},         {"udp", 17},       {"icmp", 1},         {"icmpv6", 58},    {"ipv6-icmp", 58},
        {"icmp6", 58},      {"sctp", 132},     {"dccp", 33},        {"udplite", 136},  {"gre", 47},
        {"esp", 50},        {"ah", 51},        {"igmp", 2},         {"ospf", 89},      {"ospfigp", 89},
        {"vrrp", 112},      {"carp", 112},     {"pim", 103},        {"ipip", 4},       {"ipencap", 4},
        {"ipv4", 4},        {"ipv6", 41},      {"ipcomp", 108},     {"comp", 108},     {"l2tp", 115},
        {"eigrp", 88},      {"egp", 8},        {"igp", 9},          {"ggp", 3},        {"st", 5},
        {"pup", 12},        {"hmp", 20},       {"xns-idp", 22},     {"rdp", 27},       {"iso-tp4", 29},
        {"xtp", 36},        {"ddp", 37},       {"idpr-cmtp", 38},   {"hopopt", 0},     {"ip", 0},
        {"ipv6-route", 43}, {"ipv6-frag", 44}, {"idrp", 45},        {"rsvp", 46},      {"skip", 57},
        {"ipv6-nonxt", 59}, {"ipv6-opts", 60}, {"rspf", 73},        {"vmtp", 81},      {"ax.25", 93},
        {"etherip", 97},    {"encap", 98},     {"isis", 124},       {"fc", 133},       {"mobility-header", 135},
        {"ipv6-mh", 135},   {"mh", 135},       {"mpls-in-ip", 137}, {"manet", 138},    {"hip", 139},
        {"shim6", 140},     {"wesp", 141},     {"rohc", 142},       {"ethernet", 143},
};

bool kj_fw_proto_parse(kj_str s, unsigned *proto)
{
	int64_t number;
	if (kj_num_int(s, &number)) {
		*proto = (unsigned)number;
		return number >= 0 && number <= 255;
	}
	for (size_t i = 0; i < COUNT(protos); i++) {
		if (kj_str_eq_fold(s, kj_str_of(protos[i].name))) {
			*proto = protos[i].number;
			return true;
		}
	}
	return false;
}

const char *kj_fw_proto_name(unsigned proto)
{
	for (size_t i = 0; i < COUNT(protos); i++) {
		if (protos[i].number == proto)
			return protos[i].name;
	}
	return NULL;
}

/* -- services -- */

enum { TCP = 1, UDP = 2, BOTH = 3 };

static const struct service {
	const char *name;
	uint16_t port;
	unsigned char on;
} services[] = {
        /* the first name of a port is the one that is printed */
        {"tcpmux", 1, TCP},
        {"echo", 7, BOTH},
        {"discard", 9, BOTH},
        {"systat", 11, TCP},
        {"daytime", 13, BOTH},
        {"netstat", 15, TCP},
        {"qotd", 17, TCP},
        {"chargen", 19, BOTH},
        {"ftp-data", 20, TCP},
        {"ftp", 21, TCP},
        {"ssh", 22, TCP},
        {"telnet", 23, TCP},
        {"smtp", 25, TCP},
        {"mail", 25, TCP},
        {"time", 37, BOTH},
        {"whois", 43, TCP},
        {"nicname", 43, TCP},
        {"tacacs", 49, BOTH},
        {"domain", 53, BOTH},
        {"dns", 53, BOTH},
        {"bootps", 67, UDP},
        {"bootpc", 68, UDP},
        {"tftp", 69, UDP},
        {"gopher", 70, TCP},
        {"finger", 79, TCP},
        {"http", 80, TCP},
        {"www", 80, TCP},
        {"www-http", 80, TCP},
        {"kerberos", 88, BOTH},
        {"kerberos5", 88, BOTH},
        {"krb5", 88, BOTH},
        {"iso-tsap", 102, TCP},
        {"acr-nema", 104, TCP},
        {"pop2", 109, TCP},
        {"pop3", 110, TCP},
        {"pop-3", 110, TCP},
        {"sunrpc", 111, BOTH},
        {"portmapper", 111, BOTH},
        {"rpcbind", 111, BOTH},
        {"auth", 113, TCP},
        {"ident", 113, TCP},
        {"tap", 113, TCP},
        {"sftp", 115, TCP},
        {"nntp", 119, TCP},
        {"ntp", 123, UDP},
        {"epmap", 135, BOTH},
        {"loc-srv", 135, BOTH},
        {"msrpc", 135, BOTH},
        {"netbios-ns", 137, BOTH},
        {"netbios-dgm", 138, BOTH},
        {"netbios-ssn", 139, BOTH},
        {"imap2", 143, TCP},
        {"imap", 143, TCP},
        {"snmp", 161, BOTH},
        {"snmp-trap", 162, BOTH},
        {"snmptrap", 162, BOTH},
        {"cmip-man", 163, BOTH},
        {"mailq", 174, TCP},
        {"xdmcp", 177, UDP},
        {"bgp", 179, TCP},
        {"irc", 194, BOTH},
        {"smux", 199, TCP},
        {"qmtp", 209, TCP},
        {"z3950", 210, TCP},
        {"ipx", 213, UDP},
        {"ptp-event", 319, UDP},
        {"ptp-general", 320, UDP},
        {"pawserv", 345, TCP},
        {"rpc2portmap", 369, BOTH},
        {"codaauth2", 370, BOTH},
        {"ldap", 389, BOTH},
        {"svrloc", 427, BOTH},
        {"https", 443, BOTH},
        {"snpp", 444, TCP},
        {"microsoft-ds", 445, BOTH},
        {"smb", 445, BOTH},
        {"kpasswd", 464, BOTH},
        {"submissions", 465, TCP},
        {"smtps", 465, TCP},
        {"ssmtp", 465, TCP},
        {"urd", 465, TCP},
        {"saft", 487, TCP},
        {"isakmp", 500, UDP},
        {"ike", 500, UDP},
        {"rtsp", 554, BOTH},
        {"exec", 512, TCP},
        {"biff", 512, UDP},
        {"comsat", 512, UDP},
        {"login", 513, TCP},
        {"who", 513, UDP},
        {"whod", 513, UDP},
        {"shell", 514, TCP},
        {"cmd", 514, TCP},
        {"syslog", 514, UDP},
        {"printer", 515, TCP},
        {"spooler", 515, TCP},
        {"talk", 517, UDP},
        {"ntalk", 518, UDP},
        {"route", 520, UDP},
        {"router", 520, UDP},
        {"rip", 520, UDP},
        {"gdomap", 538, BOTH},
        {"uucp", 540, TCP},
        {"klogin", 543, TCP},
        {"kshell", 544, TCP},
        {"dhcpv6-client", 546, UDP},
        {"dhcpv6-server", 547, UDP},
        {"afpovertcp", 548, TCP},
        {"nntps", 563, TCP},
        {"submission", 587, TCP},
        {"ipp", 631, BOTH},
        {"ldaps", 636, BOTH},
        {"tinc", 655, BOTH},
        {"silc", 706, TCP},
        {"kerberos-adm", 749, TCP},
        {"domain-s", 853, BOTH},
        {"rsync", 873, TCP},
        {"ftps-data", 989, TCP},
        {"ftps", 990, TCP},
        {"telnets", 992, TCP},
        {"imaps", 993, TCP},
        {"ircs", 994, TCP},
        {"pop3s", 995, TCP},
        {"socks", 1080, TCP},
        {"rmiregistry", 1099, TCP},
        {"openvpn", 1194, BOTH},
        {"lotusnote", 1352, TCP},
        {"ms-sql-s", 1433, TCP},
        {"mssql", 1433, TCP},
        {"ms-sql-m", 1434, UDP},
        {"oracle", 1521, TCP},
        {"datametrics", 1645, UDP},
        {"l2f", 1701, UDP},
        {"l2tp", 1701, UDP},
        {"pptp", 1723, TCP},
        {"radius", 1812, BOTH},
        {"radius-acct", 1813, BOTH},
        {"mqtt", 1883, TCP},
        {"ssdp", 1900, UDP},
        {"upnp", 1900, UDP},
        {"cisco-sccp", 2000, TCP},
        {"nfs", 2049, BOTH},
        {"gnunet", 2086, BOTH},
        {"zookeeper", 2181, TCP},
        {"docker", 2375, TCP},
        {"docker-s", 2376, TCP},
        {"etcd-client", 2379, TCP},
        {"etcd-server", 2380, TCP},
        {"cvspserver", 2401, TCP},
        {"venus", 2430, BOTH},
        {"globus-gatekeeper", 2119, TCP},
        {"rtcm-sc104", 2101, BOTH},
        {"iscsi-target", 3260, TCP},
        {"squid", 3128, TCP},
        {"ldap-gc", 3268, TCP},
        {"ldap-gc-ssl", 3269, TCP},
        {"mysql", 3306, TCP},
        {"ms-wbt-server", 3389, BOTH},
        {"rdp", 3389, BOTH},
        {"nut", 3493, TCP},
        {"distcc", 3632, TCP},
        {"daap", 3689, TCP},
        {"svn", 3690, TCP},
        {"subversion", 3690, TCP},
        {"epmd", 4369, TCP},
        {"ipsec-nat-t", 4500, UDP},
        {"iax", 4569, UDP},
        {"vxlan", 4789, UDP},
        {"radmin-port", 4899, TCP},
        {"rfe", 5002, BOTH},
        {"mmcc", 5050, TCP},
        {"sip", 5060, BOTH},
        {"sip-tls", 5061, BOTH},
        {"sips", 5061, BOTH},
        {"xmpp-client", 5222, TCP},
        {"jabber-client", 5222, TCP},
        {"xmpp-server", 5269, TCP},
        {"jabber-server", 5269, TCP},
        {"cfengine", 5308, TCP},
        {"mdns", 5353, UDP},
        {"llmnr", 5355, BOTH},
        {"postgresql", 5432, TCP},
        {"postgres", 5432, TCP},
        {"freeciv", 5556, TCP},
        {"kibana", 5601, TCP},
        {"nrpe", 5666, TCP},
        {"nsca", 5667, TCP},
        {"amqps", 5671, TCP},
        {"amqp", 5672, TCP},
        {"vnc", 5900, TCP},
        {"rfb", 5900, TCP},
        {"winrm", 5985, TCP},
        {"winrms", 5986, TCP},
        {"x11", 6000, TCP},
        {"x11-1", 6001, TCP},
        {"gnutella-svc", 6346, BOTH},
        {"gnutella-rtr", 6347, BOTH},
        {"redis", 6379, TCP},
        {"sge-qmaster", 6444, TCP},
        {"sge-execd", 6445, TCP},
        {"kube-apiserver", 6443, TCP},
        {"syslog-tls", 6514, TCP},
        {"mysql-proxy", 6446, TCP},
        {"ircd", 6667, TCP},
        {"ircs-u", 6697, TCP},
        {"afs3-fileserver", 7000, BOTH},
        {"font-service", 7100, TCP},
        {"xfs", 7100, TCP},
        {"http-alt", 8080, TCP},
        {"webcache", 8080, TCP},
        {"http-proxy", 8080, TCP},
        {"puppet", 8140, TCP},
        {"https-alt", 8443, TCP},
        {"mqtts", 8883, TCP},
        {"prometheus", 9090, TCP},
        {"kafka", 9092, TCP},
        {"bacula-dir", 9101, TCP},
        {"bacula-fd", 9102, TCP},
        {"bacula-sd", 9103, TCP},
        {"jetdirect", 9100, TCP},
        {"hkp", 11371, TCP},
        {"git", 9418, TCP},
        {"elasticsearch", 9200, TCP},
        {"xmms2", 9667, TCP},
        {"webmin", 10000, TCP},
        {"ndmp", 10000, TCP},
        {"zabbix-agent", 10050, TCP},
        {"zabbix-trapper", 10051, TCP},
        {"kubelet", 10250, TCP},
        {"amanda", 10080, BOTH},
        {"memcached", 11211, BOTH},
        {"nbd", 10809, TCP},
        {"dicom", 11112, TCP},
        {"mongodb", 27017, TCP},
        {"bo", 31337, BOTH},
        {"wireguard", 51820, UDP},
};

bool kj_fw_port_parse(kj_str s, uint16_t *port)
{
	int64_t number;
	if (kj_num_int(s, &number)) {
		*port = (uint16_t)number;
		return number >= 0 && number <= 65535;
	}
	for (size_t i = 0; i < COUNT(services); i++) {
		if (kj_str_eq_fold(s, kj_str_of(services[i].name))) {
			*port = services[i].port;
			return true;
		}
	}
	return false;
}

const char *kj_fw_service_name(unsigned proto, unsigned port)
{
	unsigned on = proto == 6 ? TCP : proto == 17 ? UDP : 0;
	for (size_t i = 0; i < COUNT(services); i++) {
		if (services[i].port == port && services[i].on & on)
			return services[i].name;
	}
	return NULL;
}

/* -- ICMP -- */

static const struct icmp {
	unsigned char version;
	const char *name;
	unsigned char type, code_first, code_last;
} icmps[] = {
        {4, "any", 255, 0, 255},
        {4, "echo-reply", 0, 0, 255},
        {4, "pong", 0, 0, 255},
        {4, "destination-unreachable", 3, 0, 255},
        {4, "network-unreachable", 3, 0, 0},
        {4, "host-unreachable", 3, 1, 1},
        {4, "protocol-unreachable", 3, 2, 2},
        {4, "prot-unreachable", 3, 2, 2},
        {4, "port-unreachable", 3, 3, 3},
        {4, "fragmentation-needed", 3, 4, 4},
        {4, "frag-needed", 3, 4, 4},
        {4, "source-route-failed", 3, 5, 5},
        {4, "network-unknown", 3, 6, 6},
        {4, "host-unknown", 3, 7, 7},
        {4, "network-prohibited", 3, 9, 9},
        {4, "net-prohibited", 3, 9, 9},
        {4, "host-prohibited", 3, 10, 10},
        {4, "TOS-network-unreachable", 3, 11, 11},
        {4, "TOS-host-unreachable", 3, 12, 12},
        {4, "communication-prohibited", 3, 13, 13},
        {4, "admin-prohibited", 3, 13, 13},
        {4, "host-precedence-violation", 3, 14, 14},
        {4, "precedence-cutoff", 3, 15, 15},
        {4, "source-quench", 4, 0, 255},
        {4, "redirect", 5, 0, 255},
        {4, "network-redirect", 5, 0, 0},
        {4, "host-redirect", 5, 1, 1},
        {4, "TOS-network-redirect", 5, 2, 2},
        {4, "TOS-host-redirect", 5, 3, 3},
        {4, "echo-request", 8, 0, 255},
        {4, "ping", 8, 0, 255},
        {4, "router-advertisement", 9, 0, 255},
        {4, "router-solicitation", 10, 0, 255},
        {4, "time-exceeded", 11, 0, 255},
        {4, "ttl-exceeded", 11, 0, 255},
        {4, "ttl-zero-during-transit", 11, 0, 0},
        {4, "ttl-zero-during-reassembly", 11, 1, 1},
        {4, "parameter-problem", 12, 0, 255},
        {4, "ip-header-bad", 12, 0, 0},
        {4, "required-option-missing", 12, 1, 1},
        {4, "timestamp-request", 13, 0, 255},
        {4, "timestamp-reply", 14, 0, 255},
        {4, "info-request", 15, 0, 255},
        {4, "info-reply", 16, 0, 255},
        {4, "address-mask-request", 17, 0, 255},
        {4, "address-mask-reply", 18, 0, 255},
        {6, "destination-unreachable", 1, 0, 255},
        {6, "no-route", 1, 0, 0},
        {6, "communication-prohibited", 1, 1, 1},
        {6, "admin-prohibited", 1, 1, 1},
        {6, "beyond-scope", 1, 2, 2},
        {6, "address-unreachable", 1, 3, 3},
        {6, "addr-unreachable", 1, 3, 3},
        {6, "port-unreachable", 1, 4, 4},
        {6, "failed-policy", 1, 5, 5},
        {6, "policy-fail", 1, 5, 5},
        {6, "reject-route", 1, 6, 6},
        {6, "packet-too-big", 2, 0, 255},
        {6, "time-exceeded", 3, 0, 255},
        {6, "ttl-exceeded", 3, 0, 255},
        {6, "ttl-zero-during-transit", 3, 0, 0},
        {6, "ttl-zero-during-reassembly", 3, 1, 1},
        {6, "parameter-problem", 4, 0, 255},
        {6, "bad-header", 4, 0, 0},
        {6, "unknown-header-type", 4, 1, 1},
        {6, "unknown-option", 4, 2, 2},
        {6, "echo-request", 128, 0, 255},
        {6, "ping", 128, 0, 255},
        {6, "echo-reply", 129, 0, 255},
        {6, "pong", 129, 0, 255},
        {6, "mld-listener-query", 130, 0, 255},
        {6, "mld-listener-report", 131, 0, 255},
        {6, "mld-listener-done", 132, 0, 255},
        {6, "mld-listener-reduction", 132, 0, 255},
        {6, "router-solicitation", 133, 0, 255},
        {6, "nd-router-solicit", 133, 0, 255},
        {6, "router-advertisement", 134, 0, 255},
        {6, "nd-router-advert", 134, 0, 255},
        {6, "neighbour-solicitation", 135, 0, 255},
        {6, "neighbor-solicitation", 135, 0, 255},
        {6, "nd-neighbor-solicit", 135, 0, 255},
        {6, "neighbour-advertisement", 136, 0, 255},
        {6, "neighbor-advertisement", 136, 0, 255},
        {6, "nd-neighbor-advert", 136, 0, 255},
        {6, "redirect", 137, 0, 255},
        {6, "nd-redirect", 137, 0, 255},
        {6, "router-renumbering", 138, 0, 255},
        {6, "ind-neighbor-solicit", 141, 0, 255},
        {6, "ind-neighbor-advert", 142, 0, 255},
        {6, "mld2-listener-report", 143, 0, 255},
};

static bool small(kj_str s, unsigned *out)
{
	int64_t number;
	if (!kj_num_int(s, &number) || number < 0 || number > 255)
		return false;
	*out = (unsigned)number;
	return true;
}

bool kj_fw_icmp_parse(kj_str s, unsigned version, unsigned *type, unsigned *code_first, unsigned *code_last)
{
	for (size_t i = 0; i < COUNT(icmps); i++) {
		if (icmps[i].version == version && kj_str_eq_fold(s, kj_str_of(icmps[i].name))) {
			*type = icmps[i].type;
			*code_first = icmps[i].code_first;
			*code_last = icmps[i].code_last;
			return true;
		}
	}
	size_t slash = kj_str_find(s, '/');
	*code_first = 0;
	*code_last = 255;
	if (slash < s.n && !small(kj_str_from(s, slash + 1), code_first))
		return false;
	if (slash < s.n)
		*code_last = *code_first;
	return small(kj_str_upto(s, slash), type);
}
