# What `cmake --install` installs beside the programs, their manual pages and completions (src/CMakeLists.txt). Shipped files
# keep the layout of the source tree below share/bru, documents below share/doc/bru, so that programs (src/base/shipped_files.hpp)
# and the links in the documents find what they name.
set(bru_data ${CMAKE_INSTALL_DATADIR}/bru)
install(DIRECTORY configs models traces DESTINATION ${bru_data})
install(FILES README.md CONTRIBUTING.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR}
  FILES_MATCHING PATTERN "*.md" PATTERN "*.svg" PATTERN "*.png" PATTERN "*.csv" PATTERN "tutorial/*" PATTERN "serving/*")
# Links lead from documents to shipped files and back: ../models/README.md, ../docs/training.md.
install(CODE "
  set(top \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")
  file(RELATIVE_PATH data_from_documents /${CMAKE_INSTALL_DOCDIR} /${bru_data})
  file(RELATIVE_PATH documents_from_data /${bru_data} /${CMAKE_INSTALL_DOCDIR})
  foreach(folder configs models traces)
    file(CREATE_LINK \${data_from_documents}/\${folder} \${top}/${CMAKE_INSTALL_DOCDIR}/\${folder} SYMBOLIC)
  endforeach()
  file(CREATE_LINK \${documents_from_data}/docs \${top}/${bru_data}/docs SYMBOLIC)
" COMPONENT bru)
