package norma.probes.emergence;

import norma.trainer.layernorm.LayerNormSite;

/** What left the threshold in the weight and in the bias of one LayerNorm. */
public record SiteDepartures(LayerNormSite site, VectorDepartures weight, VectorDepartures bias) {}
