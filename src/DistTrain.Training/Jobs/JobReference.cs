using System.Text;
using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>The reference of all keys, generated: docs/job.md is this text, and a test keeps it so.</summary>
public static class JobReference
{
    private const string Opening = """
        # The job

        A job is one YAML file (JSON is YAML too). Every key has a default, so an empty job trains the house's small CNN on drawn
        digits. This page is generated from the code that reads jobs; `docs/job.schema.json` is the same for editors.

        ```yaml
        version: 1
        model: { preset: cnn }
        data:  { set: mnist, validation: 0.1 }
        train: { epochs: 5, batch: 64, slices: 8, optimizer: { adam: { learningRate: 0.001 } }, loss: sparseCategoricalCrossentropy, seed: 1 }
        run:   { engine: local, workers: 2, servers: 2, checkpointEvery: 200 }
        ```

        - **Precedence**: defaults < job < environment (`DISTTRAIN__RUN__WORKERS=4`) < `--set run.workers=4` < flags (`--workers 4`).
        - **Bits**: `model`, `data` and `train` decide the bits of the weights; `run` never does.
        - **Paths** are relative to the job file; in overlays, to the current directory.
        - **Names** are Keras', compared without case, `_` and `-`: `kernel_size` is `kernelSize`, `SparseCategoricalCrossentropy`
          is `sparseCategoricalCrossentropy`.
        - **Every layer** also takes `name`: unique; it names parameters in checkpoints and keys their first values. Absent, it is
          the kind, counted: `dense`, `dense_1`. And `trainable: false`, which keeps its parameters as they are.
        - **Choices** (layers, the optimizer) are a name, `adam`; a name with options, `adam: { learningRate: 0.01 }`; or a name
          with its first option, `adam: 0.01`, `Dense: 10`.
        - **Gradient accumulation** has no key: a batch is one sum over its slices, wherever they are computed, and a worker whose
          values outgrow a core's cache computes a few slices at a time. A larger `batch`, with more `slices`, is what it would be.

        A chain of layers:

        ```yaml
        model:
          layers:
            - Conv2D: { filters: 32, kernelSize: 3, activation: relu }
            - MaxPooling2D: 2
            - Flatten
            - Dense: { units: 10, activation: softmax }
        ```

        A model with branches names its nodes; `inputs` are earlier nodes, by default the one before, and `input` is the data.
        `sameAs: left` in place of a layer applies left's layer, with its parameters, once more.

        ```yaml
        model:
          nodes:
            left:  { Dense: { units: 32, activation: relu }, inputs: input }
            right: { Dense: { units: 32, activation: tanh }, inputs: input }
            both:  { Concatenate: {}, inputs: [left, right] }
            out:   { Dense: 10 }
        ```


        """;

    /// <summary>docs/job.md.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder(Opening.ReplaceLineEndings("\n"));
        foreach (JobKey section in JobSection.Of(typeof(Job)).Keys.Where(key => JobSection.IsSection(key.Type)))
        {
            text.Append($"## {section.Name}\n\n{section.Rule.Doc}\n\n");
            Table(text, JobSection.Of(section.Type));
            text.Append('\n');
        }

        Alternatives(text, "Formats", typeof(FormatJob));
        text.Append('\n');
        Alternatives(text, "Synthetic sets", typeof(SyntheticJob));
        text.Append('\n');
        Alternatives(text, "Augmentations", typeof(AugmentJob));
        text.Append('\n');
        Section(text, "model.gan", typeof(GanJob));
        Section(text, "train.stop", typeof(StopJob));
        Section(text, "train.reduceLROnPlateau", typeof(PlateauJob));
        Section(text, "train.earlyStopping", typeof(EarlyStoppingJob));
        Alternatives(text, "Losses", typeof(LossJob));
        text.Append('\n');
        Alternatives(text, "Schedules", typeof(ScheduleJob));
        text.Append('\n');
        Alternatives(text, "Optimizers", typeof(OptimizerJob));
        text.Append('\n');
        Alternatives(text, "Layers", typeof(LayerJob));
        return text.ToString();
    }

    private static void Section(StringBuilder text, string key, Type type)
    {
        text.Append($"## {key}\n\n");
        Table(text, JobSection.Of(type));
        text.Append('\n');
    }

    private static void Alternatives(StringBuilder text, string title, Type type)
    {
        text.Append($"## {title}\n");
        foreach (JobSection choice in JobSection.Choices(type)!)
        {
            text.Append($"\n### {choice.Choice!.Name}\n\n{choice.Choice.Doc}\n\n");
            Table(text, choice);
        }
    }

    private static void Table(StringBuilder text, JobSection section)
    {
        JobKey[] keys = [.. section.Keys.Where(key => key.Property.DeclaringType != typeof(LayerJob))];
        if (keys.Length == 0)
        {
            return;
        }

        text.Append("| key | value | default | |\n|---|---|---|---|\n");
        foreach (JobKey key in keys)
        {
            string fallback = key.Rule.Required ? "needed"
                : key.Rule.Automatic ?? (key.Default is null ? "" : $"`{Default(key.Default)}`");
            string value = key.ItemType switch
            {
                null => JobBinder.Allowed(key, key.Type),
                { IsPrimitive: true } number => number == typeof(double) ? "a list of numbers" : "a list of whole numbers",
                Type item when item == typeof(string) => "a list of texts",
                { IsEnum: true } names => "a list of " + string.Join(", ", JobBinder.EnumNames(names)),
                Type item when item == typeof(AugmentJob) => "a list of augmentations",
                Type item => item == typeof(NodeJob) ? "layers by name" : "a list of layers",
            };
            text.Append($"| `{key.Name}` | {value} | {fallback} | {key.Rule.Doc} |\n");
        }
    }

    private static string Default(object value) => value switch
    {
        WindowSize size when size.Height == size.Width => JobTree.Text(size.Height),
        _ when JobSection.IsSection(value.GetType()) => JobSection.Of(value.GetType()).Choice?.Name ?? "",
        _ => JobTree.Text(value),
    };
}
