# `cpack -G DEB` in the build folder makes two Debian packages: bru, and, where LibTorch was found, bru-train with all that
# needs LibTorch. tools/check-package examines them.
set(CPACK_PACKAGE_VENDOR "The BRU simulator's authors")
set(CPACK_PACKAGE_CONTACT "The BRU simulator's authors <bru@example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL bru)
if(BRU_TRAINING OR BRU_TORCH)
  list(APPEND CPACK_COMPONENTS_ALL bru-train)
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION electronics)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_BRU_PACKAGE_NAME bru)
set(CPACK_DEBIAN_BRU_DESCRIPTION "cycle-accurate simulator of an FPGA accelerator for LSTMs
bru simulates BRU, the Binary Recurrent Unit, an FPGA accelerator for LSTMs
with one-bit weights. It tells how many cycles a network takes, where they
go, whether the machine fits the chip, and what the network predicts.")
set(CPACK_DEBIAN_BRU_PACKAGE_SUGGESTS bru-train)
if(BRU_ONNX_RUNTIME) # loaded where a whole model runs, so no dependency: libonnxruntime.so.1.21 is in libonnxruntime1.21
  string(REGEX REPLACE "\\.so\\." "" onnx_runtime_package ${BRU_ONNX_RUNTIME_SONAME})
  set(CPACK_DEBIAN_BRU_PACKAGE_RECOMMENDS ${onnx_runtime_package})
endif()
string(TOUPPER bru-train train_key)
set(CPACK_DEBIAN_${train_key}_PACKAGE_NAME bru-train)
set(CPACK_DEBIAN_${train_key}_PACKAGE_RECOMMENDS bru)
set(CPACK_DEBIAN_${train_key}_PACKAGE_SUGGESTS linux-libc-dev)
set(CPACK_DEBIAN_${train_key}_DESCRIPTION "trains LSTMs with one-bit weights for the simulator bru
bru-train trains LSTMs in full precision and with one-bit weights and writes
them as ONNX, with a trace and a configuration for bru. The package also has
the program with which bru compare measures LibTorch.")

# Every package has a changelog and a copyright file in the folder of its own name.
configure_file(packaging/changelog.Debian.in ${PROJECT_BINARY_DIR}/packaging/changelog.plain @ONLY)
execute_process(COMMAND gzip -9nc ${PROJECT_BINARY_DIR}/packaging/changelog.plain
  OUTPUT_FILE ${PROJECT_BINARY_DIR}/packaging/changelog.Debian.gz COMMAND_ERROR_IS_FATAL ANY)
foreach(package IN LISTS CPACK_COMPONENTS_ALL)
  install(FILES packaging/copyright ${PROJECT_BINARY_DIR}/packaging/changelog.Debian.gz
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${package})
endforeach()
include(CPack)
