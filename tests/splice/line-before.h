#ifndef EXAMPLE_H
#define EXAMPLE_H

struct example_more { int b; }; struct example_info { int a; };

#endif
