#:project ../../src/DistTrain.Hosting/DistTrain.Hosting.csproj
#:property PublishAot=false

// A picture of 28 x 28 pixels in three colours under six windows of 5 x 5, as loops, and by DistTrain: the same bits.
using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Hosting;
using DistTrain.Tensors;
using DistTrain.Training;

const int Side = 28, Colours = 3, Window = 5, Filters = 6;
var random = new Random(1);
float[] picture = [.. Enumerable.Range(0, Side * Side * Colours).Select(_ => random.NextSingle())];

await Compare("stride 1, no padding  ", 1, Padding.Valid);
await Compare("stride 1, zeros around", 1, Padding.Same);
await Compare("stride 2, zeros around", 2, Padding.Same);
await Compare("then max-pooling      ", 1, Padding.Valid, new MaxPooling2D(2), Math.Max);
await Compare("then average-pooling  ", 1, Padding.Valid, new AveragePooling2D(2), (a, b) => a + b);

async Task Compare(string what, int stride, Padding padding, Op? layer = null, Func<float, float, float>? pool = null)
{
    var model = new Sequential { new Conv2D(Filters, Window) { Strides = stride, Padding = padding } };
    if (layer is not null)
    {
        model.Add(layer);
    }

    // One step, so that there are weights, and biases other than 0.
    Shape output = model.BuildGraph(new Shape(Side, Side, Colours)).Output.Shape;
    IDataSource data = Dataset.FromArrays(picture, new Shape(Side, Side, Colours), new float[output.Length], output);
    var trainer = new Trainer(new TrainerOptions { Train = new TrainJob { Steps = 1, Batch = 1, Optimizer = Optimizer.Sgd(0.1), Loss = new MeanSquaredErrorJob() } });
    await trainer.FitAsync(model, data);
    float[] weights = model.Weights.ToArray(), found = model.Predict(picture);

    (float[] byHand, int side) = Convolve(weights, stride, padding);
    if (pool is not null)
    {
        (byHand, side) = Pool(byHand, side, pool, layer is AveragePooling2D ? 4 : 1);
    }

    Console.WriteLine($"{what}  {side} x {side} x {Filters}  {weights.Length} weights  by hand the same bits: {found.AsSpan().SequenceEqual(byHand)}");
}

// y[oy, ox, f] = sum of x[oy stride + ky - before, ox stride + kx - before, c] w[ky, kx, c, f], + b[f]; nothing is added beyond the edges.
(float[] Output, int Side) Convolve(float[] weights, int stride, Padding padding)
{
    int side = padding == Padding.Same ? (Side + stride - 1) / stride : ((Side - Window) / stride) + 1;
    int before = padding == Padding.Same ? Math.Max(((side - 1) * stride) + Window - Side, 0) / 2 : 0;
    float[] y = new float[side * side * Filters];
    for (int oy = 0; oy < side; oy++)
        for (int ox = 0; ox < side; ox++)
            for (int f = 0; f < Filters; f++)
            {
                float sum = 0;
                for (int ky = 0; ky < Window; ky++)
                    for (int kx = 0; kx < Window; kx++)
                        for (int c = 0; c < Colours; c++)
                        {
                            int iy = (oy * stride) + ky - before, ix = (ox * stride) + kx - before;
                            if (iy >= 0 && iy < Side && ix >= 0 && ix < Side)
                            {
                                float w = weights[(((((ky * Window) + kx) * Colours) + c) * Filters) + f];
                                sum = MathF.FusedMultiplyAdd(picture[(((iy * Side) + ix) * Colours) + c], w, sum);
                            }
                        }

                y[(((oy * side) + ox) * Filters) + f] = sum + weights[^(Filters - f)];
            }

    return (y, side);
}

// Windows of 2 x 2, side by side.
static (float[] Output, int Side) Pool(float[] x, int side, Func<float, float, float> pool, float count)
{
    int half = side / 2;
    float[] y = new float[half * half * Filters];
    for (int i = 0; i < y.Length; i++)
    {
        int f = i % Filters, ox = i / Filters % half, oy = i / Filters / half;
        float At(int dy, int dx) => x[(((((2 * oy) + dy) * side) + (2 * ox) + dx) * Filters) + f];
        y[i] = pool(pool(pool(At(0, 0), At(0, 1)), At(1, 0)), At(1, 1)) / count;
    }

    return (y, half);
}
