#ifndef EXAMPLE_H
#define EXAMPLE_H

#define EXAMPLE_FIRST 1

= 3 4 5;
#endif
