/* The build copies the library's code beside the page; its types stay in
 * node_modules.  rootDirs in jsconfig.json lays this folder over www, and
 * Node10 resolution prefers a declaration there to the code here. */
export * from 'lightweight-charts';
