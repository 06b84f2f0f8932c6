"""Scrapy on the still web: follows links by LinkExtractor, takes title and text by XPath.

  spider.py ENTRY...   prints {"pages", "text_chars"}
"""
import json
import sys
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor


class Articles(scrapy.Spider):
    name = 'articles'
    start_urls = sys.argv[1:]
    allowed_domains = [urlsplit(url).hostname for url in sys.argv[1:]]
    links = LinkExtractor(allow=r'/a/\d+\.html$')
    pages = chars = 0

    def parse(self, response):
        if '/a/' in response.url:
            title = response.xpath('normalize-space(//title)').get()
            text = ''.join(response.xpath('//p//text()').getall())
            Articles.pages += 1
            Articles.chars += len(text) + len(title or '')
        for link in self.links.extract_links(response):
            yield response.follow(link, self.parse)


process = CrawlerProcess({
    'LOG_LEVEL': 'ERROR', 'CONCURRENT_REQUESTS': 40, 'CONCURRENT_REQUESTS_PER_DOMAIN': 1,
    'ROBOTSTXT_OBEY': True, 'TELNETCONSOLE_ENABLED': False, 'COOKIES_ENABLED': False,
    'REQUEST_FINGERPRINTER_IMPLEMENTATION': '2.7',
})
process.crawl(Articles)
process.start()
print(json.dumps({'pages': Articles.pages, 'text_chars': Articles.chars}))
