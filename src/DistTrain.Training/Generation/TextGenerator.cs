using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// Text from a model of next tokens, a token at a time: the model sees the last tokens, as many as its context has, and one of its
/// probabilities is drawn.
/// </summary>
/// <remarks>
/// The tokens so far stand at the front of the window and the prediction is read at the last of them, so what stands behind must not
/// matter: recurrent layers that go forwards and causal attention are so. Token i of a text is drawn by the Philox number of
/// (seed, sample 0, pass 0, stream "generate", element i): the same seed writes the same text everywhere.
/// </remarks>
public sealed class TextGenerator
{
    private static readonly uint Stream = Philox.Stream("generate");

    private readonly Model model;
    private readonly int context;
    private readonly int vocabulary;

    /// <param name="model">Trained on windows of text: (context) token ids to (context, vocabulary) probabilities.</param>
    /// <exception cref="UserError">It is no such model.</exception>
    public TextGenerator(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.model = model;
        Shape output = model.OutputShape;
        Tokenizer = model.Input is TextInput text && output.Rank == 2 && output[0] == text.Context && output[1] == text.Tokenizer.Count
            ? text.Tokenizer
            : throw new UserError("the model doesn't predict the next token of a text; allowed: one trained on data of format text, with an output for each of its tokens");
        (context, vocabulary) = (output[0], output[1]);
    }

    public Tokenizer Tokenizer { get; }

    /// <summary>The tokens that follow a prompt.</summary>
    /// <param name="prompt">At least one token.</param>
    /// <param name="count">Tokens to write.</param>
    /// <param name="options">How they are drawn.</param>
    /// <exception cref="UserError">The prompt has no token, or one that the vocabulary lacks.</exception>
    public IEnumerable<int> Tokens(string prompt, int count, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        List<int> ids = [.. Tokenizer.Encode(prompt, "prompt")];
        return ids.Count > 0 ? Follow(ids, count, options) : throw new UserError("prompt: found no text; allowed: at least one token");
    }

    private IEnumerable<int> Follow(List<int> ids, int count, GenerationOptions options)
    {
        float[] window = new float[context];
        float[] drawn = new float[4];
        for (int i = 0; i < count; i++)
        {
            int known = Math.Min(ids.Count, context);
            for (int k = 0; k < known; k++)
            {
                window[k] = ids[ids.Count - known + k];
            }

            if (i % drawn.Length == 0)
            {
                Philox.FillUniform(options.Seed, sample: 0, pass: 0, Stream, drawn, i);
            }

            float[] prediction = model.Predict(window);
            int next = NextToken.Draw(prediction.AsSpan((known - 1) * vocabulary, vocabulary), options.Temperature, options.TopK, drawn[i % drawn.Length]);
            ids.Add(next);
            yield return next;
        }
    }
}
