# SPDX-License-Identifier: GPL-2.0
#
# For people; the kernel's build system reads Kbuild.

KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
UDEVDIR ?= $(PREFIX)/lib/udev
VERSION := $(shell cat VERSION)

export KERNEL TEST FLOWS WHAT TURNS

.PHONY: all module tool install uninstall clean load unload demo check check-debug check-kernels bench vm-test help
.PHONY: dkms-source dkms-install dkms-uninstall deb check-packages check-walk

all: tool
	@if [ -e $(KDIR)/Makefile ]; then \
		$(MAKE) module; \
	else \
		echo "The module is not built: no headers of kernel $(KVER) (Debian: apt-get install linux-headers-$(KVER))."; \
	fi

module:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tool:
	$(MAKE) -C tools

help:
	@echo 'make               build the module (needs headers of the running kernel) and the tool'
	@echo 'make load          build and load the module; PARAMS="name=value ..." are its parameters'
	@echo 'make unload        take it out again'
	@echo 'make install       tool, manual pages, units, settings and module, below PREFIX=$(PREFIX) and DESTDIR='
	@echo 'make uninstall     take these away again'
	@echo 'make dkms-install  the module for this and all later kernels, through DKMS; make dkms-uninstall undoes it'
	@echo 'make deb           Debian packages of all that, in build/deb'
	@echo 'make demo          see it stand through a SYN flood, in a virtual machine'
	@echo 'make check         all checks, in virtual machines; KERNEL=6.1|6.12 and TEST=name take a part'
	@echo 'make vm-test       the tests alone: make vm-test TEST=smoke KERNEL=6.12'
	@echo 'make check-debug   the tests on debug kernels, which are built first; KERNEL=kasan|kcsan and TEST=name take a part'
	@echo 'make check-packages  the Debian packages in a clean Debian: some minutes'
	@echo 'make check-walk    a clean Debian, booted: installation, an attack, a report, removal; KERNEL=6.12|6.1'
	@echo 'make check-kernels build for other Debian releases, PREEMPT_RT, i386 and s390x, tests on 5.10 and 7.2; KERNEL="bullseye sid" and TEST=name take a part'
	@echo 'make bench         measure what a packet costs; KERNEL=6.1|6.12|all, FLOWS=N connections in the big table;'
	@echo '                   WHAT=profile: by function; WHAT=clock: in nanoseconds, on one CPU and two; WHAT=load: what it costs iperf3 and nginx'
	@echo 'make clean         remove what was built'

clean:
	$(MAKE) -C tools clean
	rm -rf build synward.ko synward.o synward.mod* .synward.* Module.symvers modules.order .Module.symvers.cmd \
		.modules.order.cmd .module-common.o ..module-common.o.cmd
	find module \( -name '*.o' -o -name '*.o.d' -o -name '.*.cmd' \) -delete

# What goes where beside the tool and its manual pages, FILE:FOLDER.
FILES := \
	contrib/completion/synward:$(PREFIX)/share/bash-completion/completions \
	contrib/modules-load.d/synward.conf:$(PREFIX)/lib/modules-load.d \
	contrib/udev/90-synward.rules:$(UDEVDIR)/rules.d \
	contrib/systemd/synward-prometheus.service:$(UNITDIR) \
	contrib/systemd/synward-prometheus.timer:$(UNITDIR) \
	contrib/prometheus/synward.rules.yml:$(PREFIX)/share/synward \
	contrib/grafana/synward.json:$(PREFIX)/share/synward
SETTINGS := $(DESTDIR)$(SYSCONFDIR)/sysctl.d/synward.conf
MODULE := $(DESTDIR)/lib/modules/$(KVER)/extra/synward.ko

# A settings file that is there may have been edited.
install:
	$(MAKE) -C tools install PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)
	@set -e; for pair in $(FILES); do \
		install -v -D -m 644 -t "$(DESTDIR)$${pair#*:}" "$${pair%:*}"; \
	done
	@[ -e $(SETTINGS) ] || install -v -D -m 644 contrib/sysctl.d/synward.conf $(SETTINGS)
	@if [ -e synward.ko ]; then \
		install -v -D -m 644 synward.ko $(MODULE); \
		[ -n "$(DESTDIR)" ] || depmod $(KVER); \
	else \
		echo "The module is not installed: it is not built (see make help)."; \
	fi

uninstall:
	$(MAKE) -C tools uninstall PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)
	@for pair in $(FILES); do \
		file=$${pair%:*}; rm -fv "$(DESTDIR)$${pair#*:}/$${file##*/}"; \
	done
	@[ ! -d $(DESTDIR)$(PREFIX)/share/synward ] || rmdir -v $(DESTDIR)$(PREFIX)/share/synward
	@if cmp -s contrib/sysctl.d/synward.conf $(SETTINGS); then rm -v $(SETTINGS); \
	elif [ -e $(SETTINGS) ]; then echo "$(SETTINGS) has been edited: it stays."; fi
	@if [ -e $(MODULE) ]; then rm -v $(MODULE); [ -n "$(DESTDIR)" ] || depmod $(KVER); fi

# --- on this machine

define need_root
	@[ "$$(id -u)" = 0 ] || { echo "make $@ needs root: sudo make $@" >&2; exit 1; }
endef

define need_headers
	@[ -e $(KDIR)/Makefile ] || { \
		echo "There are no headers of kernel $(KVER): apt-get install linux-headers-$(KVER)" >&2; exit 1; }
endef

# insmod's reason, and what can be done about it.
define explain_insmod
	case "$$reason" in \
	*"Key was rejected"*) \
		echo "This kernel takes signed modules only (Secure Boot): sign synward.ko with a key of this machine" \
			"(mokutil --import), or use make dkms-install, which signs." ;; \
	*"Operation not permitted"*) \
		echo "Root may not load modules here: a locked-down kernel (see dmesg), or a container." ;; \
	*"Invalid module format"*) \
		echo "synward.ko was built for another kernel: make clean load" ;; \
	*) \
		echo "The kernel log may say more:"; dmesg | tail -n 5 ;; \
	esac
endef

load:
	$(need_root)
	@[ ! -e /sys/module/synward ] || { echo "synward is loaded already: make unload first" >&2; exit 1; }
	$(need_headers)
	@$(MAKE) module
	@reason=$$(insmod ./synward.ko $(PARAMS) 2>&1) || { echo "$$reason"; $(explain_insmod); exit 1; } >&2
	@echo "synward is loaded; make unload takes it out."
	@if $(MAKE) -s tool; then \
		echo "tools/synward shows what it sees."; \
	else \
		echo "What shows what it sees, tools/synward, could not be built: see above."; \
	fi

unload:
	$(need_root)
	@[ -e /sys/module/synward ] || { echo "synward is not loaded" >&2; exit 1; }
	rmmod synward

DKMS_SOURCE := $(DESTDIR)/usr/src/synward-$(VERSION)

# What DKMS builds the module from.
dkms-source:
	rm -rf $(DKMS_SOURCE)
	mkdir -p $(DKMS_SOURCE)
	cp -r Kbuild module VERSION $(DKMS_SOURCE)
	sed 's/#MODULE_VERSION#/$(VERSION)/' dkms.conf > $(DKMS_SOURCE)/dkms.conf
	find $(DKMS_SOURCE) \( -name '*.o' -o -name '*.o.d' -o -name '.*.cmd' \) -delete

define need_dkms
	@command -v dkms > /dev/null || { echo "There is no dkms: apt-get install dkms" >&2; exit 1; }
endef

dkms-install:
	$(need_root)
	$(need_dkms)
	$(need_headers)
	@if dkms status synward/$(VERSION) | grep -q .; then dkms remove synward/$(VERSION) --all; fi
	$(MAKE) dkms-source DESTDIR=
	dkms add synward/$(VERSION)
	@dkms install synward/$(VERSION) -k $(KVER) || { \
		echo "DKMS could not build it; its log: /var/lib/dkms/synward/$(VERSION)/build/make.log" >&2; exit 1; }
	@echo "Installed. modprobe synward loads it; a file in /etc/modules-load.d with its name does so at each boot."

dkms-uninstall:
	$(need_root)
	$(need_dkms)
	@if dkms status synward/$(VERSION) | grep -q .; then dkms remove synward/$(VERSION) --all; fi
	rm -rf /usr/src/synward-$(VERSION)

# --- packages

deb:
	@debian/build

check-packages:
	$(need_root)
	@selftests/deb/chroot

check-walk:
	$(need_root)
	@selftests/walk/run $(KERNEL)

# --- in virtual machines

check:
	@selftests/check

vm-test:
	@selftests/vm/run -k $(or $(KERNEL),all) $(if $(TEST),-t $(TEST))

demo:
	@[ -x selftests/demo/run ] || { echo "make demo is not there yet" >&2; exit 2; }
	@selftests/demo/run

bench:
	@selftests/bench/run

check-debug:
	@selftests/debug/run

check-kernels:
	$(need_root)
	@selftests/kernels/run
