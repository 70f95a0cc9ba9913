namespace DistTrain.Training;

/// <summary>The update rules by name, for C#: <c>Optimizer.Adam(learningRate: 0.001)</c>. Defaults are PyTorch's.</summary>
public static class Optimizer
{
    public static OptimizerJob Sgd(double learningRate = 0.001) => new SgdJob { LearningRate = learningRate };

    public static OptimizerJob Momentum(double learningRate = 0.001, double momentum = 0.9) =>
        new MomentumJob { LearningRate = learningRate, Momentum = momentum };

    public static OptimizerJob Nesterov(double learningRate = 0.001, double momentum = 0.9) =>
        new NesterovJob { LearningRate = learningRate, Momentum = momentum };

    public static OptimizerJob Adagrad(double learningRate = 0.01, double epsilon = 1e-10) =>
        new AdagradJob { LearningRate = learningRate, Epsilon = epsilon };

    public static OptimizerJob Rmsprop(double learningRate = 0.01, double rho = 0.99, double epsilon = 1e-8) =>
        new RmspropJob { LearningRate = learningRate, Rho = rho, Epsilon = epsilon };

    public static OptimizerJob Adadelta(double learningRate = 1, double rho = 0.9, double epsilon = 1e-6) =>
        new AdadeltaJob { LearningRate = learningRate, Rho = rho, Epsilon = epsilon };

    public static OptimizerJob Nadam(double learningRate = 0.002, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) =>
        new NadamJob { LearningRate = learningRate, Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon };

    public static OptimizerJob Adam(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) =>
        new AdamJob { LearningRate = learningRate, Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon };

    public static OptimizerJob AdamW(
        double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0.01) =>
        new AdamWJob { LearningRate = learningRate, Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, WeightDecay = weightDecay };
}
