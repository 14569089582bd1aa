#pragma once

// Markdown and HTML of a document: headings, sentences and tables, with what people wrote escaped.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace clarion::segment::detail {

class document_writer {
public:
  document_writer(bool html, const std::string& title);
  void heading(const std::string& text);
  void sentence(const std::string& text);
  void table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);
  std::string done();

private:
  std::string escaped(std::string_view text) const;
  bool html_;
  std::string out_;
};

}  // namespace clarion::segment::detail
