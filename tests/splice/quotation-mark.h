#ifndef EXAMPLE_H
#define EXAMPLE_H

#define EXAMPLE_FIRST 1

int x = "unclosed;
#endif
