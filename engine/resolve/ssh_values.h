/* The readers of ssh's values that sshd has not, one a kind. Private to the ssh resolver. */
#ifndef KJ_RESOLVE_SSH_VALUES_H
#define KJ_RESOLVE_SSH_VALUES_H

#include "resolve/openssh_values.h"

bool ssh_read_add_keys(struct openssh_value *v);
bool ssh_read_agent(struct openssh_value *v);
bool ssh_read_cnames(struct openssh_value *v);
bool ssh_read_command(struct openssh_value *v);
bool ssh_read_control_persist(struct openssh_value *v);
bool ssh_read_domains(struct openssh_value *v);
bool ssh_read_escape(struct openssh_value *v);
bool ssh_read_files(struct openssh_value *v);
bool ssh_read_forward(struct openssh_value *v);
bool ssh_read_forward_agent(struct openssh_value *v);
bool ssh_read_jump(struct openssh_value *v);
bool ssh_read_log_verbose(struct openssh_value *v);
bool ssh_read_obscure(struct openssh_value *v);
bool ssh_read_send_env(struct openssh_value *v);
bool ssh_read_set_env(struct openssh_value *v);
bool ssh_read_time(struct openssh_value *v);
bool ssh_read_tunnel_device(struct openssh_value *v);

#endif
