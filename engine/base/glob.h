/* File name patterns. */
#ifndef KJ_BASE_GLOB_H
#define KJ_BASE_GLOB_H

#include "base/str.h"

/* Does the path match? `*` and `?` do not cross `/`; `**` crosses it; [a-z], [!a-z]; `\` quotes. A leading `.` of a name needs to be written
   only with `period` (as glob(3) does, and so sshd and PAM includes). Linear in pattern × path. */
bool kj_glob(kj_str pattern, kj_str path, bool period);
/* Has it any of * ? [ ? */
bool kj_glob_is(kj_str pattern);

#endif
