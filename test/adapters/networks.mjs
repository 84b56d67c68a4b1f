// A model with every kind of layer that has weights, built by whatever initializers it is given.
export function everyLayer(tf, initializerOf, name = (text) => text) {
  const { layers } = tf;
  const k = (scheme) => ({ kernelInitializer: initializerOf(scheme) });
  const gates = () => ({ ...k("glorotUniform"), recurrentInitializer: initializerOf("orthogonal") });
  return tf.sequential({
    layers: [
      layers.conv2d({
        inputShape: [16, 16, 3],
        filters: 8,
        kernelSize: 3,
        strides: 2,
        ...k("heNormal"),
        name: name("c1"),
      }),
      layers.batchNormalization({ name: name("bn") }),
      layers.prelu({ name: name("pr") }),
      layers.separableConv2d({
        filters: 6,
        kernelSize: 3,
        depthwiseInitializer: initializerOf("heUniform"),
        name: name("sc"),
      }),
      layers.depthwiseConv2d({
        kernelSize: 2,
        depthMultiplier: 2,
        depthwiseInitializer: initializerOf("glorotNormal"),
        name: name("dw"),
      }),
      layers.conv2dTranspose({ filters: 4, kernelSize: 4, strides: 2, ...k("heNormal"), name: name("ct") }),
      layers.reshape({ targetShape: [-1, 4] }),
      layers.layerNormalization({ name: name("ln") }),
      layers.bidirectional({
        layer: layers.lstm({
          units: 5,
          unitForgetBias: true,
          returnSequences: true,
          ...gates(),
          biasInitializer: initializerOf("zeros"),
        }),
        name: name("bi"),
      }),
      layers.gru({ units: 6, returnSequences: true, ...gates(), name: name("g") }),
      layers.timeDistributed({ layer: layers.dense({ units: 5, ...k("lecunNormal") }), name: name("td") }),
      layers.rnn({
        cell: [layers.lstmCell({ units: 4, ...gates() }), layers.simpleRNNCell({ units: 4, ...gates() })],
        name: name("rnn"),
      }),
      layers.dense({ units: 3, ...k("glorotNormal"), biasInitializer: initializerOf("normal"), name: name("d") }),
    ],
  });
}

/** All values of a model's weights, in the order of its layers; `model.weights` begins with those that are trained. */
export const valuesOf = (model) =>
  model.layers.flatMap(({ weights }) => weights).map((weight) => Array.from(weight.read().dataSync()));

export const differing = (one, other) =>
  one.flatMap((values, i) => (JSON.stringify(values) === JSON.stringify(other[i]) ? [] : [i]));

/** Keeps what a model saves. */
export async function artifactsOf(tf, model) {
  let kept;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      kept = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  return kept;
}
