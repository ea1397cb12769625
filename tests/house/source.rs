//! The files under `src/`, and which of them imports which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A file, without its tests and comments.
pub struct File {
    /// Under `src/`.
    pub path: String,
    pub code: String,
    /// Lines before its tests, comments and empty ones included.
    pub lines: usize,
    module: Vec<String>,
    /// What a `use` makes known in it, and where that is from.
    names: BTreeMap<String, Vec<String>>,
}

/// Every file under `src/`, by its path.
pub struct Source(pub BTreeMap<String, File>);

impl Source {
    pub fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = BTreeMap::new();
        collect(&root, "", &mut files);
        assert!(files.contains_key("lib.rs"), "{} is read", root.display());
        Self(files)
    }

    /// The files that each file imports from, itself left out. A `mod.rs` that passes a name on stands for where it is from.
    pub fn imports(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let modules: BTreeMap<&[String], &File> = self
            .0
            .values()
            .filter(|file| file.path != "main.rs")
            .map(|file| (file.module.as_slice(), file))
            .collect();
        let of = |file: &File| {
            let used = file.names.values().cloned().chain(paths(file));
            used.filter_map(|path| home(&modules, &path, 0))
                .filter(|path| *path != file.path)
                .collect()
        };
        let files = self.0.values();
        files.map(|file| (file.path.as_str(), of(file))).collect()
    }
}

/// The file of the last module on a path, `mod.rs` seen through.
fn home<'a>(
    modules: &BTreeMap<&[String], &'a File>,
    path: &[String],
    depth: usize,
) -> Option<&'a str> {
    let known = (0..=path.len())
        .rev()
        .find(|&end| modules.contains_key(&path[..end]))?;
    let file = modules[&path[..known]];
    let passed_on = path.get(known).and_then(|name| file.names.get(name));
    match passed_on {
        Some(from) if file.path.ends_with("mod.rs") && depth < 8 => {
            let whole: Vec<String> = from.iter().chain(&path[known + 1..]).cloned().collect();
            home(modules, &whole, depth + 1)
        }
        // A folder by itself: what is asked of it is found where its name is used.
        None if path.len() == known && file.path.ends_with("mod.rs") => None,
        _ => Some(&file.path),
    }
}

/// Paths in the code: from the crate's root or the module above, or by a name that a `use` makes known.
fn paths(file: &File) -> impl Iterator<Item = Vec<String>> {
    let is_of_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    file.code
        .split(move |c: char| !is_of_path(c))
        .filter(|word| word.contains("::"))
        .filter_map(|word| {
            let parts: Vec<&str> = word.split("::").filter(|part| !part.is_empty()).collect();
            let first = *parts.first()?;
            if matches!(first, "crate" | "super" | "self") {
                return Some(absolute(&file.module, &file.path, &parts));
            }
            let from = file.names.get(first)?;
            let rest = parts[1..].iter().map(|part| (*part).to_owned());
            Some(from.iter().cloned().chain(rest).collect())
        })
}

fn collect(folder: &Path, under: &str, files: &mut BTreeMap<String, File>) {
    for entry in fs::read_dir(folder).expect("a folder of the source") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("names are UTF-8");
        let path = format!("{under}{name}");
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).expect("source is text");
            files.insert(path.clone(), file(path, &text));
        }
    }
}

fn file(path: String, text: &str) -> File {
    let end = ["\n#[cfg(test)]\nmod ", "\n#[cfg(all(test"]
        .iter()
        .filter_map(|tests| text.find(tests))
        .min();
    let text = &text[..end.map_or(text.len(), |end| end + 1)];
    let code: String = text
        .lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut module: Vec<String> = path
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    let mut names = BTreeMap::new();
    for statement in code.split(';') {
        let tree = statement
            .rsplit_once("\nuse ")
            .or_else(|| statement.rsplit_once(" use "));
        if let Some((_, tree)) = tree {
            let tree: String = tree.split_whitespace().collect::<Vec<_>>().join(" ");
            leaves(&tree, &mut Vec::new(), &mut |parts, name| {
                let from = absolute(&module, &path, parts);
                names.insert(name.to_owned(), from);
            });
        }
    }
    // What a name of another crate leads to is no file of ours.
    names.retain(|_, from: &mut Vec<String>| !from.is_empty());
    File {
        lines: text.lines().count(),
        path,
        code,
        module,
        names,
    }
}

/// Each name that a `use` tree ends in, with the parts of its path.
fn leaves<'t>(tree: &'t str, before: &mut Vec<&'t str>, take: &mut impl FnMut(&[&str], &str)) {
    let tree = tree.trim();
    let depth = before.len();
    if let Some((head, rest)) = tree
        .split_once("::")
        .filter(|(head, _)| !head.contains('{'))
    {
        before.push(head.trim());
        leaves(rest, before, take);
    } else if let Some(inner) = tree.strip_prefix('{') {
        let inner = inner.trim_end().trim_end_matches('}');
        let mut level = 0_i32;
        let parts = inner.split(|c: char| {
            level += i32::from(c == '{') - i32::from(c == '}');
            c == ',' && level == 0
        });
        for part in parts.filter(|part| !part.trim().is_empty()) {
            leaves(part, before, take);
        }
    } else {
        let (name, alias) = tree.split_once(" as ").unwrap_or((tree, tree));
        if name == "self" {
            let alias = if alias == "self" {
                before.last().copied().unwrap_or_default()
            } else {
                alias
            };
            take(before, alias);
        } else {
            before.push(name);
            take(before, alias);
        }
    }
    before.truncate(depth);
}

/// A path from the crate's root; empty where it leads to another crate.
fn absolute(module: &[String], file: &str, parts: &[&str]) -> Vec<String> {
    let own = || parts.iter().map(|part| (*part).to_owned());
    match parts.first().copied() {
        Some("crate") => own().skip(1).collect(),
        Some("self") => module.iter().cloned().chain(own().skip(1)).collect(),
        Some("super") => {
            let ups = parts.iter().take_while(|part| **part == "super").count();
            let above = &module[..module.len().saturating_sub(ups)];
            above.iter().cloned().chain(own().skip(ups)).collect()
        }
        // A `mod.rs` names the modules of its folder as they are.
        Some(_) if file.ends_with("mod.rs") => module.iter().cloned().chain(own()).collect(),
        _ => Vec::new(),
    }
}
