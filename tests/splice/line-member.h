#ifndef EXAMPLE_H
#define EXAMPLE_H

struct example_info { int flags; };

#endif
