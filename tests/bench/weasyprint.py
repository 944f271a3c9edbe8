"""The yardstick of the bench `pack-page`: sets each page it is told of with WeasyPrint, warm, in one process.

A line in is the path of a page; a line out its processor time in ms, pages and bytes. The style sheet and the fonts are read
once, which is more than a program that calls WeasyPrint for each document would do. Which variant of PDF is the argument.
"""

import sys
import time

import weasyprint
from weasyprint.text.fonts import FontConfiguration

folder, variant = sys.argv[1], sys.argv[2]
fonts = FontConfiguration()
style = weasyprint.CSS(filename=f"{folder}/pack.css", font_config=fonts)
print(weasyprint.__version__, flush=True)
for line in sys.stdin:
    begun = time.process_time()
    page = weasyprint.HTML(filename=line.strip())
    document = page.render(stylesheets=[style], font_config=fonts, pdf_variant=variant, pdf_tags=True)
    written = document.write_pdf(pdf_variant=variant, pdf_tags=True)
    used = (time.process_time() - begun) * 1000
    print(f"{used:.1f} {len(document.pages)} {len(written)}", flush=True)
