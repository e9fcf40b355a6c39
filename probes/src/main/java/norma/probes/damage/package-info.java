/**
 * What runs lose without their outlier dimensions, along training: when the cost comes, and how it spreads over seeds.
 */
package norma.probes.damage;
