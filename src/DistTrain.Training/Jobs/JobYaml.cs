using DistTrain.Tensors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DistTrain.Training;

/// <summary>YAML text -> tree of values with their lines. JSON is YAML too, so model.json is read by the same code.</summary>
internal static class JobYaml
{
    /// <summary>Deeper than any job; keeps hostile text from exhausting the stack.</summary>
    private const int DepthMax = 32;

    /// <summary>A job is a page; a megabyte is a wrong file given by mistake.</summary>
    public const int CharsMax = 1 << 20;

    /// <param name="text">The document.</param>
    /// <param name="origin">File name or option, for error lines.</param>
    /// <param name="lines">True for a file: error lines tell the line.</param>
    /// <param name="folder">What relative paths in it are relative to; null: the current directory.</param>
    /// <exception cref="UserError">Broken YAML, a key given twice, an anchor or alias, more than one document, too long or too deep.</exception>
    public static JobNode Parse(string text, string origin, bool lines, string? folder)
    {
        JobPlace Place(Mark mark) => new(origin, lines ? (int)mark.Line : 0, folder);
        if (text.Length > CharsMax)
        {
            throw new UserError($"{origin}: {text.Length} characters are too many for a job; allowed: up to {CharsMax}");
        }

        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                return new JobMapping(new JobPlace(origin, lines ? 1 : 0, folder));
            }

            parser.Consume<DocumentStart>();
            JobNode root = ReadNode(parser, Place, "", 0);
            parser.Consume<DocumentEnd>();
            return parser.Accept<DocumentStart>(out DocumentStart? second)
                ? throw new UserError($"{Place(second.Start)}: a second document begins; allowed: one")
                : root;
        }
        catch (YamlException e)
        {
            throw new UserError(TabLine(text, (int)e.Start.Line) is { } line && lines
                ? $"{origin}:{line}: broken YAML: a tab before a key; allowed: blanks"
                : $"{Place(e.End)}: broken YAML: {Reason(e)}", e);
        }
        catch (InvalidOperationException e)
        {
            // The scanner's own answer to some broken plain scalars.
            throw new UserError($"{Place(parser.Current?.End ?? Mark.Empty)}: broken YAML: not understood after this line", e);
        }
    }

    private static JobNode ReadNode(Parser parser, Func<Mark, JobPlace> place, string path, int depth)
    {
        ParsingEvent current = parser.Current!;
        JobPlace here = place(current.Start);
        if (depth > DepthMax)
        {
            throw new UserError($"{here}: {path}: more than {DepthMax} levels deep");
        }

        if (current is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
        {
            throw new UserError($"{here}: {JobBinder.Key(path)}anchors and aliases (& and *) are not understood; write the value out");
        }

        switch (current)
        {
            case Scalar scalar:
                parser.MoveNext();
                return new JobScalar(here, scalar.Value, scalar.Style != ScalarStyle.Plain);
            case SequenceStart:
                parser.MoveNext();
                var items = new List<JobNode>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    items.Add(ReadNode(parser, place, $"{path}[{items.Count}]", depth + 1));
                }

                return new JobSequence(here, items);
            case MappingStart:
                parser.MoveNext();
                return ReadMapping(parser, place, path, depth, here);
            default:
                throw new YamlException(current.Start, current.End, $"unexpected {current.GetType().Name}");
        }
    }

    private static JobMapping ReadMapping(Parser parser, Func<Mark, JobPlace> place, string path, int depth, JobPlace here)
    {
        var mapping = new JobMapping(here);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            JobPlace keyPlace = place(parser.Current!.Start);
            if (ReadNode(parser, place, path, depth + 1) is not JobScalar key)
            {
                throw new UserError($"{keyPlace}: {JobBinder.Key(path)}a key must be a plain name");
            }

            string keyPath = path.Length == 0 ? key.Text : $"{path}.{key.Text}";
            if (mapping.Find(key.Text) is { } first)
            {
                string where = first.Place.Line > 0 ? $" on line {first.Place.Line}" : "";
                throw new UserError($"{keyPlace}: {keyPath}: given twice, first{where}; allowed: once");
            }

            mapping.Entries.Add(new JobEntry(key.Text, keyPlace, ReadNode(parser, place, keyPath, depth + 1)));
        }

        return mapping;
    }

    /// <summary>First line, not before the given one, that is indented with a tab: the usual reason, which the library words badly.</summary>
    private static int? TabLine(string text, int firstLine)
    {
        int line = 0;
        foreach (ReadOnlySpan<char> content in text.AsSpan().EnumerateLines())
        {
            line++;
            if (line >= firstLine && content[..^content.TrimStart().Length].Contains('\t') && !content.TrimStart().IsEmpty)
            {
                return line;
            }
        }

        return null;
    }

    /// <summary>The library's words on one line, in this project's form.</summary>
    private static string Reason(YamlException e)
    {
        string message = e.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return message.Length == 0 ? "not understood" : char.ToLowerInvariant(message[0]) + message[1..];
    }
}
