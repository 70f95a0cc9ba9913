using System.Globalization;

namespace DistTrain.Data;

/// <summary>
/// The rule that cuts text into words: a run of letters, digits, combining marks and apostrophes inside is one, a line end is one,
/// any other character that isn't blank is one by itself.
/// </summary>
internal ref struct Words(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> text = text;
    private int next;

    public ReadOnlySpan<char> Current { get; private set; }

    public readonly Words GetEnumerator() => this;

    public bool MoveNext()
    {
        while (next < text.Length && text[next] != '\n' && char.IsWhiteSpace(text[next]))
        {
            next++;
        }

        if (next == text.Length)
        {
            return false;
        }

        int start = next++;
        if (IsPartOfWord(text[start]))
        {
            while (next < text.Length && (IsPartOfWord(text[next]) || IsApostropheInside()))
            {
                next++;
            }
        }
        else if (char.IsHighSurrogate(text[start]) && next < text.Length && char.IsLowSurrogate(text[next]))
        {
            next++;
        }

        Current = text[start..next];
        return true;
    }

    private static bool IsPartOfWord(char c) =>
        char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private readonly bool IsApostropheInside() => text[next] is '\'' or '\u2019' && next + 1 < text.Length && IsPartOfWord(text[next + 1]);
}
