using DistTrain.Data;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Hosting.Tests;

/// <summary>Sequences of tokens, with padding and without: one hash for any number of workers.</summary>
public class SequenceRunTests
{
    private const int Vocabulary = 11;

    private const string Embedded = "Embedding: { inputDim: 11, outputDim: 6, maskZero: true }";

    public static TheoryData<string> Models =>
    [
        $"[{{ {Embedded} }}, {{ LSTM: {{ units: 7, returnSequences: true }} }}, {{ Dense: 11 }}]",
        $"[{{ {Embedded} }}, {{ GRU: {{ units: 5, returnSequences: true }} }}, {{ Dropout: 0.2 }}, {{ GRU: {{ units: 6, returnSequences: true, resetAfter: false }} }}, {{ Dense: 11 }}]",
        $"[{{ {Embedded} }}, {{ Bidirectional: {{ layer: {{ SimpleRNN: {{ units: 4, returnSequences: true }} }}, mergeMode: sum }} }}, {{ Dense: 11 }}]",
        $"[{{ {Embedded} }}, {{ SpatialDropout1D: 0.3 }}, {{ LSTM: {{ units: 4, returnSequences: true }} }}, {{ Dense: 11 }}]",
        $"[{{ {Embedded} }}, {{ Dense: 11 }}]",
        $"[{{ {Embedded} }}, PositionEmbedding, {{ TransformerBlock: {{ heads: 2, dropout: 0.1 }} }}, GlobalAveragePooling1D, {{ Dense: 66 }}, {{ Reshape: [6, 11] }}]",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task One_to_four_workers_give_the_oracles_bits(string layers)
    {
        TrainingTask task = Create(layers, workers: 1);
        string expected = WeightsHash.Sha256(new LocalTrainer(task).Run().Weights);
        Assert.NotEqual(WeightsHash.Sha256(task.InitialWeights()), expected);
        for (int workers = 1; workers <= 4; workers++)
        {
            Assert.Equal(expected, WeightsHash.Sha256((await Run(Create(layers, workers))).Weights));
        }
    }

    [Fact]
    public async Task An_id_beyond_the_vocabulary_is_told_with_its_sample_and_position()
    {
        TrainingTask task = Create("[{ Embedding: { inputDim: 9, outputDim: 2 } }, { Dense: 11 }]", workers: 2);
        UserError error = await Assert.ThrowsAsync<UserError>(() => Run(task));
        Assert.Matches("token id of sample \\d+ at position \\d+ is (9|10): .*from 0 to 8", error.Message);
    }

    private static TrainingTask Create(string layers, int workers) => TrainingTask.Create(
        JobFile.Parse($"model: {{ layers: {layers} }}\ntrain: {{ epochs: 2, batch: 16, slices: 8, optimizer: {{ adam: 0.01 }} }}\nrun: {{ workers: {workers}, servers: {(workers + 1) / 2} }}"),
        new Splits(Sequences(41)));

    /// <summary>Sequences of 1 to 6 tokens, padded with 0, whose next token is the sum of the last two.</summary>
    private static IDataSource Sequences(int count)
    {
        var random = new Random(3);
        int[,] ids = new int[count, 6], next = new int[count, 6];
        for (int i = 0; i < count; i++)
        {
            int length = random.Next(1, 7), last = 0;
            for (int t = 0; t < length; t++)
            {
                ids[i, t] = random.Next(1, Vocabulary);
                next[i, t] = (ids[i, t] + last) % Vocabulary;
                last = ids[i, t];
            }
        }

        return Dataset.FromSequences(ids, next, Vocabulary);
    }

    private static async Task<Checkpoint> Run(TrainingTask task)
    {
        using var run = new InProcessRun(task, task.Start(), folder: null, _ => { });
        run.Start();
        return await run.Completion.WaitAsync(TimeSpan.FromMinutes(1));
    }
}
