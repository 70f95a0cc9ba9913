using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DistTrain.Training;

/// <summary>Tree of values -> text: canonical YAML for people and the job hash, JSON for machines.</summary>
internal static class JobText
{
    /// <summary>Letters of all languages stand as they are; quotes and control characters are escaped.</summary>
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Block style; groups and lists without groups inside stand on one line. Ends with a newline.</summary>
    public static string Yaml(JobMapping root)
    {
        var text = new StringBuilder();
        Block(text, root, 0);
        return text.ToString();
    }

    /// <summary>One JSON value.</summary>
    public static void Json(Utf8JsonWriter writer, JobNode node)
    {
        switch (node)
        {
            case JobScalar { IsText: true } text:
                writer.WriteStringValue(text.Text);
                break;
            case JobScalar bare:
                writer.WriteRawValue(bare.Text);
                break;
            case JobSequence sequence:
                writer.WriteStartArray();
                sequence.Items.ForEach(item => Json(writer, item));
                writer.WriteEndArray();
                break;
            case JobMapping mapping:
                writer.WriteStartObject();
                foreach (JobEntry entry in mapping.Entries)
                {
                    writer.WritePropertyName(entry.Key);
                    Json(writer, entry.Value);
                }

                writer.WriteEndObject();
                break;
        }
    }

    private static void Block(StringBuilder text, JobMapping mapping, int indent)
    {
        foreach (JobEntry entry in mapping.Entries)
        {
            text.Append(' ', indent).Append(Quoted(entry.Key)).Append(':');
            switch (entry.Value)
            {
                case JobMapping inner when inner.Entries.Exists(e => e.Value is JobMapping { Entries.Count: > 0 }) || indent == 0:
                    text.Append(inner.Entries.Count == 0 ? " {}\n" : "\n");
                    Block(text, inner, indent + 2);
                    break;
                case JobSequence list when list.Items.Exists(item => item is JobMapping):
                    text.Append('\n');
                    list.Items.ForEach(item => Flow(text.Append(' ', indent + 2).Append("- "), item).Append('\n'));
                    break;
                default:
                    Flow(text.Append(' '), entry.Value).Append('\n');
                    break;
            }
        }
    }

    private static StringBuilder Flow(StringBuilder text, JobNode node)
    {
        switch (node)
        {
            case JobScalar scalar:
                return text.Append(scalar.IsText ? Quoted(scalar.Text) : scalar.Text);
            case JobSequence sequence:
                text.Append('[');
                for (int i = 0; i < sequence.Items.Count; i++)
                {
                    Flow(text.Append(i == 0 ? "" : ", "), sequence.Items[i]);
                }

                return text.Append(']');
            default:
                var mapping = (JobMapping)node;
                text.Append(mapping.Entries.Count == 0 ? "{" : "{ ");
                for (int i = 0; i < mapping.Entries.Count; i++)
                {
                    JobEntry entry = mapping.Entries[i];
                    Flow(text.Append(i == 0 ? "" : ", ").Append(Quoted(entry.Key)).Append(": "), entry.Value);
                }

                return text.Append(mapping.Entries.Count == 0 ? "}" : " }");
        }
    }

    /// <summary>Bare when no YAML reader could take it for anything but this text; else a JSON string, which YAML reads too.</summary>
    private static string Quoted(string text)
    {
        bool bare = text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-')
            && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
        return bare ? text : JsonSerializer.Serialize(text, Readable);
    }
}
