#ifndef EXAMPLE_H
#define EXAMPLE_H

struct example_info { int a; }; struct example_more { int b; };

#endif
