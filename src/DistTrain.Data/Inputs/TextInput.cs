using System.Text.Json.Serialization;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>A text as windows of tokens.</summary>
public sealed class TextInput : InputFormat
{
    private const int ContextMax = 1 << 20;

    /// <param name="tokens">The vocabulary.</param>
    /// <param name="context">Tokens of a window.</param>
    /// <exception cref="UserError">The vocabulary is damaged.</exception>
    public TextInput(TokenizerState tokens, int context)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Tokens = tokens;
        Context = context is >= 1 and <= ContextMax ? context : throw new UserError($"context: found {context}; allowed: 1 to {ContextMax}");
        Tokenizer = tokens.ToTokenizer();
    }

    public TokenizerState Tokens { get; }

    /// <summary>Tokens of a window.</summary>
    public int Context { get; }

    [JsonIgnore]
    public Tokenizer Tokenizer { get; }

    [JsonIgnore]
    public override Shape SampleShape => new(Context);

    [JsonIgnore]
    public override int Vocabulary => Tokenizer.Count;

    public override IDataSource Open(string path) => Windows(TextContent.Read(path), path);

    public override IDataSource Read(TextReader text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Windows(text.ReadToEnd().Replace("\r\n", "\n", StringComparison.Ordinal), name);
    }

    /// <summary>Windows side by side, each with its targets.</summary>
    private TokenWindowSource Windows(string text, string name)
    {
        int[] ids = Tokenizer.Encode(text, name);
        return ids.Length > Context
            ? new TokenWindowSource(name, new TokenStore(ids, Tokenizer.Count), 0, ids.Length, Context, Context, Tokenizer.Count)
            : throw new UserError($"{name}: has {ids.Length} tokens; a window of context {Context} and its targets need {Context + 1}");
    }
}
