# Behind the list `no-dot-config-targets`: a tree without a configuration can be asked, too.
no-dot-config-targets += gen

# Behind `include $(srctree)/scripts/Kbuild.include`.
uapigen-specs := $(wildcard $(srctree)/tools/uapi/spec/*.yaml)
uapigen-out := $(srctree)/tools/uapi/out
include $(srctree)/scripts/uapigen.mk
