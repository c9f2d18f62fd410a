/* What the files of judging.h share. */
#ifndef REMESA_INTAKE_JUDGING_PARTS_H
#define REMESA_INTAKE_JUDGING_PARTS_H

#include "intake/judging.h"

/* Another job that the row names in `column`; told when it cannot be needed. */
void judging_add_need(struct judging *g, const char *column, struct span ref,
                      bool is_soft);

#endif
